import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'
import type { Project, Service } from '../model/index.ts'

/** Not there, or not for this user: whoever makes a container of it says so. */
const UNREAD = ['ENOENT', 'ENOTDIR', 'EACCES']

/** SHA-256 of the files of configs and secrets by their path, of those services that have their process told of a change (`x-tscompose.on_change`). */
export function fileDigests(
  { model }: Project,
  services: readonly Service[],
): Readonly<Record<string, string>> {
  const files = (['configs', 'secrets'] as const).flatMap(kind =>
    services.flatMap(service =>
      (service[kind] ?? []).flatMap(({ source }) => model[kind]?.[source]?.file ?? []),
    ),
  )
  return Object.fromEntries(
    [...new Set(files)].flatMap(file => {
      const digest = digestOf(file)
      return digest === undefined ? [] : [[file, digest] as const]
    }),
  )
}

function digestOf(file: string): string | undefined {
  try {
    // A folder is a matter of its own, and a pipe would be waited for.
    if (!statSync(file).isFile()) return undefined
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (error) {
    if (UNREAD.includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
