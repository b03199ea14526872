/**
 * The part of the client that the executor uses, declared here by its consumer: `src/client`'s `Docker` satisfies it, and
 * so does the in-process fake of the tests.
 */
export interface Docker {
  readonly socketPath?: string | undefined
}
