package org.springframework.security.core;

/** Stand-in. */
public interface GrantedAuthority {
  String getAuthority();
}
