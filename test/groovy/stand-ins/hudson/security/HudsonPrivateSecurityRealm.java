package hudson.security;

import hudson.model.UserProperty;

/** Stand-in: passwords of up to 72 bytes in a property of the record. */
public class HudsonPrivateSecurityRealm extends SecurityRealm {
  public static class Details extends UserProperty {
    private final String hash;

    private Details(String hash) {
      this.hash = hash;
    }

    static Details fromHashedPassword(String hash) {
      return new Details(hash);
    }

    static Details fromPlainPassword(String password) {
      if (password.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 72)
        throw new IllegalArgumentException("password cannot be more than 72 bytes");
      return new Details("#hash:" + password);
    }

    public String getPassword() {
      return hash;
    }
  }
}
