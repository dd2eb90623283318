package org.jenkinsci.main.modules.cli.auth.ssh;

import hudson.model.UserProperty;

/** Stand-in. */
public class UserPropertyImpl extends UserProperty {
  public String authorizedKeys;

  public UserPropertyImpl(String authorizedKeys) {
    this.authorizedKeys = authorizedKeys;
  }
}
