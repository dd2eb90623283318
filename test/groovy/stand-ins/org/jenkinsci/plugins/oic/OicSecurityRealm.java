package org.jenkinsci.plugins.oic;

import hudson.security.SecurityRealm;
import java.util.List;

/** Stand-in: since 4.609 the escape hatch is one of the properties of the realm. */
public class OicSecurityRealm extends SecurityRealm {
  private final List<Object> properties;

  public OicSecurityRealm(List<Object> properties) {
    this.properties = properties;
  }

  public List<Object> getProperties() {
    return properties;
  }
}
