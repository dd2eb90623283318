package com.michelin.cio.hudson.plugins.rolestrategy;

import java.util.Objects;

/** Stand-in. */
public class PermissionEntry {
  private final AuthorizationType type;
  private final String sid;

  public PermissionEntry(AuthorizationType type, String sid) {
    this.type = type;
    this.sid = sid;
  }

  public AuthorizationType getType() {
    return type;
  }

  public String getSid() {
    return sid;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PermissionEntry
        && ((PermissionEntry) other).type == type
        && ((PermissionEntry) other).sid.equals(sid);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, sid);
  }
}
