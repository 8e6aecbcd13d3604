/**
 * Folders as objects of an S3-compatible store: where the bucket is, how it is reached, and how a folder becomes one object that is whole or
 * refused by name. Types of the AWS SDK stay in here.
 */
@NullMarked
package io.shusuan.agent.engine.bucket;

import org.jspecify.annotations.NullMarked;
