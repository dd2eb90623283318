package org.springframework.security.authentication;

import java.util.Collection;
import org.springframework.security.core.GrantedAuthority;

/** Stand-in. */
public class UsernamePasswordAuthenticationToken {
  private final Object principal;
  private final Collection<? extends GrantedAuthority> authorities;

  public UsernamePasswordAuthenticationToken(
      Object principal, Object credentials, Collection<? extends GrantedAuthority> authorities) {
    this.principal = principal;
    this.authorities = authorities;
  }

  public String getName() {
    return principal.toString();
  }

  public Collection<? extends GrantedAuthority> getAuthorities() {
    return authorities;
  }
}
