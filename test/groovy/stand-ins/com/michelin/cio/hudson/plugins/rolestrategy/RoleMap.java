package com.michelin.cio.hudson.plugins.rolestrategy;

import hudson.security.Permission;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArraySet;
import jenkins.model.IdStrategy;
import jenkins.model.Jenkins;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;

/** Stand-in: keyed by name, so that putting an equal-named role keeps the old key; a cache that must be dropped. */
public class RoleMap {
  public static boolean FORCE_CASE_SENSITIVE;
  private final SortedMap<Role, Set<PermissionEntry>> grantedRoles = new ConcurrentSkipListMap<>();
  public int invalidations;

  public RoleMap() {}

  /** As a JCasC load leaves it: plain sets. */
  public RoleMap(SortedMap<Role, Set<PermissionEntry>> roles) {
    for (Map.Entry<Role, Set<PermissionEntry>> entry : roles.entrySet())
      grantedRoles.put(entry.getKey(), new HashSet<>(entry.getValue()));
  }

  public void addRole(Role role) {
    if (getRole(role.getName()) == null) {
      grantedRoles.put(role, new CopyOnWriteArraySet<>());
      invalidations++;
    }
  }

  public void addRole(Role role, Set<PermissionEntry> sids) {
    grantedRoles.put(role, new CopyOnWriteArraySet<>(sids));
    invalidations++;
  }

  public void assignRole(Role role, PermissionEntry sid) {
    if (grantedRoles.containsKey(role)) {
      grantedRoles.get(role).add(sid);
      invalidations++;
    }
  }

  public void unAssignRole(Role role, PermissionEntry sid) {
    Set<PermissionEntry> sids = grantedRoles.get(role);
    if (sids != null) {
      sids.remove(sid);
      invalidations++;
    }
  }

  public void clearSidsForRole(Role role) {
    if (grantedRoles.containsKey(role)) grantedRoles.get(role).clear();
  }

  public void removeRole(Role role) {
    grantedRoles.remove(role);
    invalidations++;
  }

  public Role getRole(String name) {
    for (Role role : grantedRoles.keySet()) if (role.getName().equals(name)) return role;
    return null;
  }

  public SortedMap<Role, Set<PermissionEntry>> getGrantedRolesEntries() {
    return Collections.unmodifiableSortedMap(grantedRoles);
  }

  boolean allows(UsernamePasswordAuthenticationToken caller, Permission permission) {
    IdStrategy ids = Jenkins.get().getSecurityRealm().getUserIdStrategy();
    for (Map.Entry<Role, Set<PermissionEntry>> entry : grantedRoles.entrySet()) {
      if (!entry.getKey().getPermissions().contains(permission)) continue;
      for (PermissionEntry sid : entry.getValue()) {
        if (sid.getType() != AuthorizationType.GROUP && ids.equals(sid.getSid(), caller.getName())) return true;
        if (sid.getType() == AuthorizationType.USER) continue;
        for (GrantedAuthority authority : caller.getAuthorities())
          if (authority.getAuthority().equalsIgnoreCase(sid.getSid())) return true;
      }
    }
    return false;
  }
}
