import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.GenericScimResource;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.ResourceTypeResource;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.client.WebTarget;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.glassfish.jersey.apache.connector.ApacheConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;

/** The SCIM 2 SDK of UnboundID (Ping Identity) as a client of the service: parameter 1 is the base URL, SCIM_TOKEN the bearer token. */
public final class UnboundId {
  private static final String ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

  public static void main(String[] parameters) throws Exception {
    String base = parameters[0];
    String bearer = "Bearer " + System.getenv("SCIM_TOKEN");
    Client http = ClientBuilder.newClient(new ClientConfig().connectorProvider(new ApacheConnectorProvider()));
    http.register((ClientRequestFilter) request -> request.getHeaders().putSingle("Authorization", bearer));
    WebTarget target = http.target(base);
    ScimService scim = new ScimService(target);
    JsonNode features = features(base, bearer);
    Cases cases = new Cases();

    cases.run("discovery: configuration, resource types, schemas", () -> {
      Cases.holds(scim.getServiceProviderConfig().getPatch().isSupported(), "patch is supported");
      List<String> names = new ArrayList<>();
      for (ResourceTypeResource type : scim.getResourceTypes()) names.add(type.getName());
      Cases.same(List.of("User", "Group"), names);
      Cases.same(3, scim.getSchemas().getTotalResults());
      Cases.same("Group", scim.getResourceType("Group").getName());
      Cases.same(ENTERPRISE, scim.getSchema(ENTERPRISE).getId());
    });

    UserResource ana = scim.create("Users", user("ub-ana"));
    cases.run("create: what is sent comes back, with id and meta", () -> {
      Cases.holds(ana.getId() != null, "an id");
      Cases.same(base + "/Users/" + ana.getId(), ana.getMeta().getLocation().toString());
      Cases.same("Ana", ana.getName().getGivenName());
      Cases.same("ub-ana@corp.test", ana.getEmails().get(0).getValue());
      Cases.same("77", ana.getExtension(EnterpriseUserExtension.class).getEmployeeNumber());
      Cases.same(ana, scim.retrieve("Users", ana.getId(), UserResource.class));
      Cases.same(ana, scim.retrieve(ana.getMeta().getLocation(), UserResource.class));
    });

    cases.run("errors: duplicate, unknown, wrong filter", () -> {
      try {
        scim.create("Users", user("UB-ANA"));
        throw new AssertionError("a duplicate was created");
      } catch (ResourceConflictException conflict) {
        Cases.same("uniqueness", conflict.getScimError().getScimType());
        Cases.same(409, conflict.getScimError().getStatus());
      }
      try {
        scim.retrieve("Users", "nobody", UserResource.class);
        throw new AssertionError("nobody was found");
      } catch (ResourceNotFoundException missing) {
        Cases.same(404, missing.getScimError().getStatus());
      }
      try {
        scim.search("Users", "userName zz \"x\"", UserResource.class);
        throw new AssertionError("a wrong filter was taken");
      } catch (BadRequestException wrong) {
        Cases.same("invalidFilter", wrong.getScimError().getScimType());
      }
    });

    cases.run("query: filters by GET and by .search, projection", () -> {
      for (String filter : List.of(
          "userName eq \"ub-ANA\"", "emails[type eq \"work\" and value co \"ub-ana@\"]", "externalId eq \"ext-ub-ana\"",
          "userName sw \"ub-an\" and not (active eq false)", "meta.lastModified ge \"2020-01-01T00:00:00Z\" and userName eq \"ub-ana\"",
          ENTERPRISE + ":employeeNumber eq \"77\" and userName eq \"ub-ana\"")) {
        ListResponse<UserResource> got = scim.searchRequest("Users").filter(filter).invoke(UserResource.class);
        Cases.same(1, got.getTotalResults());
        Cases.same(ana, got.getResources().get(0));
        Cases.same(got, scim.searchRequest("Users").filter(filter).invokePost(UserResource.class));
      }
      GenericScimResource part = scim.searchRequest("Users").filter("userName eq \"ub-ana\"")
          .attributes("userName", "name.familyName").invoke(GenericScimResource.class).getResources().get(0);
      Cases.same("Ruiz", part.getObjectNode().path("name").path("familyName").asText());
      Cases.holds(!part.getObjectNode().has("emails"), "no e-mails");
      Cases.same(0, scim.search("Users", "userName eq \"nobody\"", UserResource.class).getTotalResults());
    });

    cases.run("PATCH of a user: values, value paths, extension, removal", () -> {
      UserResource changed = scim.modifyRequest("Users", ana.getId())
          .replaceValue("displayName", "Ana R.")
          .replaceValue("emails[type eq \"work\"].value", "ana.r@corp.test")
          .addValues("phoneNumbers", new com.unboundid.scim2.common.types.PhoneNumber().setValue("+34 600 000 000").setType("mobile"))
          .replaceValue(ENTERPRISE + ":department", "Payments")
          .removeValues("name.givenName")
          .invoke(UserResource.class);
      Cases.same("Ana R.", changed.getDisplayName());
      Cases.same("ana.r@corp.test", changed.getEmails().get(0).getValue());
      Cases.same(1, changed.getPhoneNumbers().size());
      Cases.same("Payments", changed.getExtension(EnterpriseUserExtension.class).getDepartment());
      Cases.same(null, changed.getName().getGivenName());
      Cases.same(changed, scim.retrieve("Users", ana.getId(), UserResource.class));
      Cases.same(false, scim.modifyRequest("Users", ana.getId()).replaceValue("active", false).invoke(UserResource.class).getActive());
    });

    cases.run("PUT with a version; a stale one is refused", () -> {
      UserResource current = scim.retrieve("Users", ana.getId(), UserResource.class);
      UserResource replaced = scim.replaceRequest(current.setTitle("Lead")).ifMatch().invoke();
      Cases.same("Lead", replaced.getTitle());
      try {
        scim.replaceRequest(current.setTitle("Head")).ifMatch().invoke();
        throw new AssertionError("a stale version was taken");
      } catch (PreconditionFailedException stale) {
        Cases.same(412, stale.getScimError().getStatus());
      }
    });

    cases.run("group: members added, listed, removed", () -> {
      UserResource bo = scim.create("Users", user("ub-bo"));
      GroupResource group = scim.create("Groups", new GroupResource().setDisplayName("ub-team").setMembers(List.of(new Member().setValue(ana.getId()))));
      String id = group.getId();
      GroupResource both = scim.modifyRequest("Groups", id).addValues("members", new Member().setValue(bo.getId()))
          .attributes("members").invoke(GroupResource.class);
      Cases.same(Set.of(ana.getId(), bo.getId()), ids(both));
      GroupResource one = scim.modifyRequest("Groups", id).removeValues("members[value eq \"" + ana.getId() + "\"]")
          .attributes("members").invoke(GroupResource.class);
      Cases.same(Set.of(bo.getId()), ids(one));
      UserResource inside = scim.retrieve("Users", bo.getId(), UserResource.class);
      Cases.same(id, inside.getGroups().get(0).getValue());
      Cases.same("ub-team", inside.getGroups().get(0).getDisplay());
      scim.delete("Groups", id);
      Cases.same(null, scim.retrieve("Users", bo.getId(), UserResource.class).getGroups());
      scim.delete("Users", bo.getId());
    });

    cases.run("paging by index, sorted", () -> {
      for (int number = 0; number < 25; number++) scim.create("Users", user(String.format("ub-page-%02d", number)));
      List<String> names = new ArrayList<>();
      for (int start = 1; start <= 25; start += 10) {
        ListResponse<UserResource> page = scim.searchRequest("Users").filter("userName sw \"ub-page-\"")
            .sort("userName", SortOrder.DESCENDING).page(start, 10).invoke(UserResource.class);
        Cases.same(25, page.getTotalResults());
        Cases.same(start, page.getStartIndex());
        Cases.same(page.getResources().size(), page.getItemsPerPage());
        for (UserResource item : page) names.add(item.getUserName());
      }
      Cases.same(25, names.size());
      for (int number = 0; number < 25; number++) Cases.same(String.format("ub-page-%02d", 24 - number), names.get(number));
    });

    cases.runIf(features.path("pagination").path("cursor").asBoolean(), "paging by cursor (RFC 9865)", () -> {
      Set<String> names = new HashSet<>();
      ListResponse<UserResource> page = scim.searchRequest("Users").filter("userName sw \"ub-page-\"").firstPageCursorWithCount(10).invoke(UserResource.class);
      for (int pages = 1; ; pages++) {
        for (UserResource item : page) Cases.holds(names.add(item.getUserName()), "no person twice");
        if (page.getNextCursor() == null) break;
        Cases.holds(pages < 4, "an end");
        page = scim.searchRequest("Users").filter("userName sw \"ub-page-\"").pageWithCursor(page.getNextCursor(), 10).invoke(UserResource.class);
      }
      Cases.same(25, names.size());
    });

    cases.run("DELETE, then 404", () -> {
      scim.delete(ana);
      try {
        scim.retrieve(ana);
        throw new AssertionError("a deleted person was found");
      } catch (ResourceNotFoundException gone) {
        Cases.same(404, gone.getScimError().getStatus());
      }
    });
    cases.end();
  }

  private static UserResource user(String name) {
    UserResource user = new UserResource().setUserName(name).setActive(true)
        .setName(new Name().setGivenName("Ana").setFamilyName("Ruiz"))
        .setEmails(List.of(new Email().setValue(name + "@corp.test").setType("work").setPrimary(true)));
    user.setExternalId("ext-" + name);
    user.setExtension(new EnterpriseUserExtension().setEmployeeNumber("77"));
    return user;
  }

  private static Set<String> ids(GroupResource group) {
    Set<String> ids = new HashSet<>();
    for (Member member : group.getMembers()) ids.add(member.getValue());
    return ids;
  }

  private static JsonNode features(String base, String bearer) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/ServiceProviderConfig")).header("Authorization", bearer).build();
    String body = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    return new ObjectMapper().readTree(body);
  }
}
