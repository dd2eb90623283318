/** All but `ex` compare ids without regard to case. */
export const CONTROLLERS = ['ci', 'cd', 'ex'] as const;
export type ControllerName = (typeof CONTROLLERS)[number];
/** Something of each. */
export type Each<T> = Readonly<Record<ControllerName, T>>;

export function each<T>(of: (name: ControllerName) => T): Record<ControllerName, T> {
  return Object.fromEntries(CONTROLLERS.map((name) => [name, of(name)])) as Record<ControllerName, T>;
}

/** The one that a number means. */
export const controllerAt = (number: number): ControllerName => CONTROLLERS[number % CONTROLLERS.length]!;

/** As the directory compares names. */
export const fold = (name: string): string => name.normalize('NFKC').toLowerCase();

/** As a controller compares ids. */
export const foldOn = (controller: ControllerName, id: string): string => (controller === 'ex' ? id : fold(id));

/** Ids that neither gain nor lose. */
export const isGuarded = (id: string): boolean => id === 'admin' || id.startsWith('svc-') || id === 'jenkins-scim';
