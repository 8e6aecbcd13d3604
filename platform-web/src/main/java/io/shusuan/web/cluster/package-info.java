/** The first page: how the cluster is, what of it is in use, what runs; and the pages of nodes and their GPUs. */
@NullMarked
package io.shusuan.web.cluster;

import org.jspecify.annotations.NullMarked;
