/** Options of an `ssh` connection, in the words of the library ssh2, which dockerode's users know. */
export interface SshOptions {
  /** Path of an agent's socket. */
  readonly agent?: string | undefined
  readonly agentForward?: boolean | undefined
  readonly privateKey?: string | Buffer | undefined
  /** Of the private key. */
  readonly passphrase?: string | undefined
  readonly password?: string | undefined
  /** Milliseconds that the handshake may take. */
  readonly readyTimeout?: number | undefined
  /** Milliseconds between questions whether the other end is still there. */
  readonly keepaliveInterval?: number | undefined
  /** Questions in a row that may be left without an answer. */
  readonly keepaliveCountMax?: number | undefined
  readonly forceIPv4?: boolean | undefined
  readonly forceIPv6?: boolean | undefined
  readonly localAddress?: string | undefined
  /** What else ssh2 takes: refused if it asks for something, since the program is configured by its own files. */
  readonly [name: string]: unknown
}
