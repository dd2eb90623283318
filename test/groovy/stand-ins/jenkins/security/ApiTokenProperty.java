package jenkins.security;

import hudson.model.UserProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.UUID;

/** Stand-in, with the trap: revokeAllTokens leaves the legacy secret, and a start makes a legacy token of it again. */
public class ApiTokenProperty extends UserProperty {
  public static class TokenInfoAndStats {
    public final String uuid;
    public final String name;
    public final boolean isLegacy;
    public final Date lastUseDate;
    public final Date creationDate;
    public int useCounter;

    public TokenInfoAndStats(String uuid, String name, boolean isLegacy, Date lastUseDate, Date creationDate) {
      this.uuid = uuid;
      this.name = name;
      this.isLegacy = isLegacy;
      this.lastUseDate = lastUseDate;
      this.creationDate = creationDate;
    }
  }

  /** When every token of the bench was made. */
  public static final long MADE = 1795475000000L;

  private String apiToken;
  private List<TokenInfoAndStats> tokens = new ArrayList<>();

  public ApiTokenProperty add(String name, Date lastUse) {
    tokens.add(new TokenInfoAndStats(UUID.randomUUID().toString(), name, false, lastUse, new Date(MADE)));
    return this;
  }

  /** Each token was used so often. */
  public ApiTokenProperty used(int times) {
    tokens.forEach(token -> token.useCounter = times);
    return this;
  }

  public ApiTokenProperty legacy(String secret) {
    apiToken = secret;
    loaded();
    return this;
  }

  @Override
  protected void loaded() {
    tokens.removeIf(token -> token.isLegacy);
    if (apiToken != null) tokens.add(new TokenInfoAndStats(UUID.randomUUID().toString(), "Legacy API Token", true, null, null));
  }

  @Override
  protected UserProperty copy() {
    ApiTokenProperty copy = (ApiTokenProperty) super.copy();
    copy.tokens = new ArrayList<>(tokens);
    return copy;
  }

  public Collection<TokenInfoAndStats> getTokenList() {
    return new ArrayList<>(tokens);
  }

  public boolean hasLegacyToken() {
    return apiToken != null;
  }

  /** Forgets the secret only: neither revokes the token in the store nor saves. */
  public void deleteApiToken() {
    apiToken = null;
  }

  public void revokeAllTokens() throws IOException {
    tokens.clear();
    user.save();
  }
}
