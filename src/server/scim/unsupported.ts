import type { FastifyInstance, HTTPMethods } from 'fastify';
import { otherMethods } from '../otherMethods.ts';
import { scimRoute } from './deps.ts';

/** What each address answers to. */
const ALLOWED: Readonly<Record<string, readonly HTTPMethods[]>> = {
  '/Users': ['GET', 'POST'],
  '/Users/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Users/.search': ['POST'],
  '/Groups': ['GET', 'POST'],
  '/Groups/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Groups/.search': ['POST'],
  '/': ['GET'],
  '/.search': ['POST'],
  '/Bulk': ['POST'],
  '/ServiceProviderConfig': ['GET'],
  '/ResourceTypes': ['GET'],
  '/ResourceTypes/:name': ['GET'],
  '/Schemas': ['GET'],
  '/Schemas/:name': ['GET'],
};

/** Answers in SCIM form where a method is not supported. */
export function unsupportedRoutes(app: FastifyInstance): void {
  for (const [url, allowed] of Object.entries(ALLOWED)) otherMethods(app, url, allowed, scimRoute('unsupported'));
}
