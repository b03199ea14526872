import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SshOptions } from './ssh-options.ts'

/** Secrets that the program ssh is handed without showing them among its arguments. */
export interface SshSecrets {
  readonly options: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Removes what was written for it. */
  forget(): void
}

const VARIABLE = 'TSCOMPOSE_SSH_SECRET'

/** Whether a host is to be trusted is not for a program to say: ssh would ask until it heard a yes or a no. */
const ASK = `#!/bin/sh
case $1 in
*yes/no*) echo no ;;
*) printf '%s\\n' "$${VARIABLE}" ;;
esac
`

/**
 * A private key becomes a file of the user's own, and what ssh asks for is answered by a program that prints a variable of the environment
 * (ssh(1), SSH_ASKPASS). Both are gone when the connection is made.
 */
export function secretsOf({ privateKey, passphrase, password }: SshOptions): SshSecrets {
  const word = passphrase ?? password
  if (privateKey === undefined && word === undefined) return { options: [], env: {}, forget: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-ssh-'))
  const write = (name: string, text: string | Buffer, mode: number): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode })
    return path
  }
  const options: string[] = []
  if (privateKey !== undefined) {
    options.push('-i', write('key', withEnd(privateKey), 0o600), '-o', 'IdentitiesOnly=yes')
  }
  const env: Record<string, string> = {}
  if (word !== undefined) {
    env['SSH_ASKPASS'] = write('ask', ASK, 0o700)
    env['SSH_ASKPASS_REQUIRE'] = 'force'
    env[VARIABLE] = word
    // Whoever has given the wrong one would be asked again.
    options.push('-o', 'NumberOfPasswordPrompts=1')
  }
  const forget = (): void => {
    process.off('exit', forget)
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', forget)
  return { options, env, forget }
}

/** OpenSSH refuses a key whose last line has no end. */
function withEnd(key: string | Buffer): string {
  const text = key.toString()
  return text.endsWith('\n') ? text : `${text}\n`
}
