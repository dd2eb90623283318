package hudson.security;

import java.util.ArrayList;
import java.util.List;

/** Stand-in: an id, a group, and what implies it. */
public final class Permission {
  private static final List<Permission> ALL = new ArrayList<>();

  public final PermissionGroup group;
  public final String name;
  public final Permission impliedBy;
  private final String id;
  private final boolean enabled;

  public Permission(String owner, PermissionGroup group, String name, Permission impliedBy, boolean enabled) {
    this.id = owner + "." + name;
    this.group = group;
    this.name = name;
    this.impliedBy = impliedBy;
    this.enabled = enabled;
    ALL.add(this);
  }

  public String getId() {
    return id;
  }

  public boolean getEnabled() {
    return enabled;
  }

  public static List<Permission> getAll() {
    return new ArrayList<>(ALL);
  }

  public static Permission fromId(String id) {
    for (Permission permission : ALL) if (permission.id.equals(id)) return permission;
    return null;
  }
}
