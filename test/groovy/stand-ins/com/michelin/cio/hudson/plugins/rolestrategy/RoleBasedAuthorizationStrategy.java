package com.michelin.cio.hudson.plugins.rolestrategy;

import com.synopsys.arc.jenkins.plugins.rolestrategy.RoleType;
import hudson.security.AuthorizationStrategy;
import hudson.security.Permission;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;

/** Stand-in: three maps and the root ACL. */
public class RoleBasedAuthorizationStrategy extends AuthorizationStrategy {
  private final Map<RoleType, RoleMap> maps = new EnumMap<>(RoleType.class);
  public int validations;

  public RoleBasedAuthorizationStrategy() {
    for (RoleType type : RoleType.values()) maps.put(type, new RoleMap());
  }

  public RoleBasedAuthorizationStrategy(Map<RoleType, RoleMap> given) {
    this();
    maps.putAll(given);
  }

  public RoleMap getRoleMap(RoleType type) {
    return maps.get(type);
  }

  public SortedMap<Role, Set<PermissionEntry>> getGrantedRolesEntries(RoleType type) {
    return maps.get(type).getGrantedRolesEntries();
  }

  public void validateConfig() {
    validations++;
  }

  public RootAcl getRootACL() {
    return new RootAcl();
  }

  public class RootAcl {
    public boolean hasPermission2(UsernamePasswordAuthenticationToken caller, Permission permission) {
      return maps.get(RoleType.Global).allows(caller, permission);
    }
  }
}
