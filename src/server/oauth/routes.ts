import type { FastifyPluginAsync } from 'fastify';
import type { Clients } from '../../credentials/oauth/clients.ts';
import { refuse } from '../../errors.ts';
import { otherMethods } from '../otherMethods.ts';
import { FORM_BYTES, readForm, TOKEN_ENDPOINT } from './form.ts';

/** The token endpoint of OAuth 2.0: short-lived bearer tokens for clients that the choke point has authenticated. */
export function oauthRoutes(clients: Pick<Clients, 'issue'>): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    app.post(TOKEN_ENDPOINT, { config: { access: 'client' }, bodyLimit: FORM_BYTES }, async (request, reply) => {
      const { token } = request;
      if (token?.kind !== 'client') throw new Error('the token endpoint was reached without a client');
      const form = readForm(request.body);
      const grant = form.get('grant_type');
      if (grant === undefined) throw refuse('AUTH_REQUEST', { reason: 'grant_type is missing' });
      if (grant !== 'client_credentials') throw refuse('AUTH_GRANT');
      const issued = await clients.issue(token, form.get('scope'));
      return reply.header('pragma', 'no-cache').type('application/json; charset=utf-8').send(JSON.stringify(issued));
    });
    otherMethods(app, TOKEN_ENDPOINT, ['POST'], { access: 'client' });
  };
}
