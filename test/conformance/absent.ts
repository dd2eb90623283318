/** Why a suite that others wrote cannot run on this machine, in a line. */
export class Absent extends Error {}
