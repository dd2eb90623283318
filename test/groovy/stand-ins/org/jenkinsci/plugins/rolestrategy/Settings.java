package org.jenkinsci.plugins.rolestrategy;

/** Stand-in: a switch of the JVM. */
public class Settings {
  public static boolean TREAT_USER_AUTHORITIES_AS_ROLES;
}
