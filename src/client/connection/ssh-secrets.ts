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

/**
 * A private key becomes a file of the user's own, and what ssh asks for is answered by a program that prints a variable of the environment
 * (ssh_config(5), SSH_ASKPASS). Both are gone when the connection is.
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
    env['SSH_ASKPASS'] = write('ask', `#!/bin/sh\nprintf '%s\\n' "$${VARIABLE}"\n`, 0o700)
    env['SSH_ASKPASS_REQUIRE'] = 'force'
    env[VARIABLE] = word
    // Whoever has given the wrong one would be asked again.
    options.push('-o', 'NumberOfPasswordPrompts=1')
  }
  return { options, env, forget: () => rmSync(folder, { recursive: true, force: true }) }
}

/** OpenSSH refuses a key whose last line has no end. */
function withEnd(key: string | Buffer): string {
  const text = key.toString()
  return text.endsWith('\n') ? text : `${text}\n`
}
