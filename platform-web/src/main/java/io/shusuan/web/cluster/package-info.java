/** The first page: how the cluster is, what of it is in use, what runs. */
@NullMarked
package io.shusuan.web.cluster;

import org.jspecify.annotations.NullMarked;
