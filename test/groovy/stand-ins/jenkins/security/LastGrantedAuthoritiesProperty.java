package jenkins.security;

import hudson.model.UserProperty;

/** Stand-in. */
public class LastGrantedAuthoritiesProperty extends UserProperty {
  public boolean remembered = true;

  public void invalidate() {
    remembered = false;
  }
}
