import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../../parser/index.ts'
import { convert, type Stack } from './index.ts'

const FOLDER = join(import.meta.dirname, 'testing/fixtures')

/** Files that the Compose files of the fixtures name. */
const FILES: Readonly<Record<string, string>> = {
  '/srv/shop/password.txt': 's3cret',
  '/srv/shop/app.conf': 'global: {x: 1}\n',
}

/** The stack that a Compose file in /srv/shop is. */
export function stackOf(
  text: string,
  name = 'shop',
  files: Readonly<Record<string, string>> = FILES,
  knowsStartInterval = true,
): Stack {
  const { project, diagnostics } = load({
    files: [{ name: '/srv/shop/compose.yaml', text }],
    workingDir: '/srv/shop',
    projectName: name,
    env: {},
    profiles: [],
    readFile: path => files[path],
  })
  if (project === undefined)
    throw new Error(diagnostics.map(({ code, summary }) => `${code} ${summary}`).join('\n'))
  const read = (path: string): Uint8Array | undefined => {
    const found = files[path]
    return found === undefined ? undefined : Buffer.from(found)
  }
  return convert(project, read, knowsStartInterval)
}

/** A fixture as it is converted. */
export function convertedFixture(name: string): Stack {
  return stackOf(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'), name)
}

/** What a manager kept of the same file after `docker stack deploy`: names in the place of ids. */
export function recordedFixture(name: string): Recorded {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Recorded
}

export interface Recorded {
  readonly services: Readonly<Record<string, Stack['services'][number]['wanted']>>
  readonly networks: Readonly<Record<string, object>>
  readonly secrets: Readonly<Record<string, { readonly Labels: object }>>
  readonly configs: Readonly<Record<string, { readonly Labels: object; readonly Data: string }>>
}

/** `SWARM_PORT 5 services.web.ports[0]` of all findings: code, line and path. */
export function findingsOf({ findings }: Stack, severity?: 'error' | 'warning'): string[] {
  return findings
    .filter(each => severity === undefined || each.severity === severity)
    .map(({ code, range, path }) => `${code} ${range?.start.line ?? '?'} ${path}`)
}
