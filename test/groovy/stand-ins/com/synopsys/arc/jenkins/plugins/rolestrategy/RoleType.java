package com.synopsys.arc.jenkins.plugins.rolestrategy;

/** Stand-in. */
public enum RoleType {
  Global,
  Project,
  Slave;

  public static RoleType fromString(String name) {
    switch (name) {
      case "globalRoles":
        return Global;
      case "projectRoles":
        return Project;
      case "slaveRoles":
        return Slave;
      default:
        throw new IllegalArgumentException("Unexpected roleName=" + name);
    }
  }
}
