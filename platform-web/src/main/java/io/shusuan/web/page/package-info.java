/**
 * What every page of the portal has: who looks at it, in which language and colours, what is wrong with the platform right now;
 * and the pages that say that something went wrong.
 */
@NullMarked
package io.shusuan.web.page;

import org.jspecify.annotations.NullMarked;
