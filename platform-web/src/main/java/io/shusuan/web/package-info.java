/** What people see, and the program itself. */
@NullMarked
package io.shusuan.web;

import org.jspecify.annotations.NullMarked;
