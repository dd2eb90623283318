package hudson.security;

/** Stand-in. */
public class AuthorizationStrategy {}
