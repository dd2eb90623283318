package com.michelin.cio.hudson.plugins.rolestrategy;

import hudson.security.Permission;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Stand-in: ordered by name, as the plugin's maps are. */
public class Role implements Comparable<Role> {
  private final String name;
  private final Pattern pattern;
  private final Set<Permission> permissions;
  private final String description;
  private final String templateName;

  public Role(String name, Pattern pattern, Set<Permission> permissions, String description, String templateName) {
    this.name = name;
    this.pattern = pattern;
    this.permissions = new HashSet<>(permissions);
    this.description = description;
    this.templateName = templateName;
  }

  public String getName() {
    return name;
  }

  public Pattern getPattern() {
    return pattern;
  }

  public Set<Permission> getPermissions() {
    return Collections.unmodifiableSet(permissions);
  }

  public String getDescription() {
    return description;
  }

  public String getTemplateName() {
    return templateName;
  }

  @Override
  public int compareTo(Role other) {
    return name.compareTo(other.name);
  }
}
