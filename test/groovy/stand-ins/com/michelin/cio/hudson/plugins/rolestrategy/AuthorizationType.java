package com.michelin.cio.hudson.plugins.rolestrategy;

/** Stand-in. */
public enum AuthorizationType {
  USER,
  GROUP,
  EITHER
}
