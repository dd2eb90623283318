package jenkins.security;

import hudson.model.UserProperty;

/** Stand-in. */
public class LastGrantedAuthoritiesProperty extends UserProperty {
  private volatile String[] roles = {"authenticated"};

  public void invalidate() {
    roles = null;
  }
}
