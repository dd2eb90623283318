package hudson.security;

/** Stand-in. */
public final class PermissionGroup {
  private final String id;

  public PermissionGroup(String id) {
    this.id = id;
  }

  public String getId() {
    return id;
  }
}
