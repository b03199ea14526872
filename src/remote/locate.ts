import { realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { errnoOf, failure } from '../diagnostics/index.ts'
import { FILE_NAMES, type RemoteFile, type RemoteReference } from '../parser/index.ts'

/**
 * The Compose file that a reference means in what was fetched for it: `inside` itself, or the one in that folder. Neither
 * `..` nor a symbolic link leads out of the root.
 */
export function locate(root: string, inside: string, reference: RemoteReference): RemoteFile {
  const place = contained(root, inside, reference)
  if (!statSync(place).isDirectory()) return { path: join(root, inside), root }
  const name = FILE_NAMES.find(file => statSync(join(place, file), { throwIfNoEntry: false })?.isFile())
  if (name === undefined)
    throw failure({
      kind: 'notFound',
      code: 'REMOTE_FILE_MISSING',
      summary: `"${reference.text}" has no Compose file`,
      detail: `looked for ${FILE_NAMES.join(', ')} in "${inside || '/'}"`,
      hint: 'name the folder or file behind the ref: #REF:FOLDER',
    })
  contained(root, join(inside, name), reference)
  return { path: join(root, inside, name), root }
}

/** A folder in what was fetched, as a build context names it; the same rules. */
export function locateFolder(root: string, inside: string, reference: RemoteReference): string {
  const place = contained(root, inside, reference)
  if (statSync(place).isDirectory()) return place
  throw failure({
    kind: 'notFound',
    code: 'REMOTE_FILE_MISSING',
    summary: `"${reference.text}" names a file, want a folder`,
  })
}

function contained(root: string, inside: string, reference: RemoteReference): string {
  try {
    const place = realpathSync(join(root, inside))
    const top = realpathSync(root)
    if (place === top || place.startsWith(`${top}${sep}`)) return place
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) throw error
    throw failure({
      kind: 'notFound',
      code: 'REMOTE_FILE_MISSING',
      summary: `"${reference.text}" has no "${inside}"`,
      cause: error,
    })
  }
  throw failure({
    kind: 'invalidArgument',
    code: 'REMOTE_PATH_OUTSIDE',
    summary: `name a path inside of the repository, got "${inside}"`,
    detail: `"${reference.text}" would be read from elsewhere on this machine`,
  })
}
