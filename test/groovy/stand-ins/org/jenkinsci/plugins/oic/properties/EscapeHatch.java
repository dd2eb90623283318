package org.jenkinsci.plugins.oic.properties;

/** Stand-in: an account of the realm's own. */
public class EscapeHatch {
  private final String username;

  public EscapeHatch(String username) {
    this.username = username;
  }

  public String getUsername() {
    return username;
  }
}
