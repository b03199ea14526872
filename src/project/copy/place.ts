import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'

/** What is copied: its path as it was written, and what it is. */
export interface CopySource {
  readonly path: string
  readonly isFolder: boolean
}

/** Where it is to go, as it was written, and what is there. */
export interface CopyTarget {
  readonly path: string
  readonly kind: 'nothing' | 'folder' | 'file'
}

/** Where it goes: the name that it has in a folder that is there; without a name what is in it goes there. */
export interface CopyPlace {
  readonly folder: string
  readonly name: string
}

/**
 * Where a copy goes, by the rules of `docker cp`: into a folder that is there, under its own name; to a name that is not there, as
 * that; over a file, if it is one. Of a source that ends with `/.` the content is copied. Raises COPY_PLACE.
 */
export function placeCopy(source: CopySource, target: CopyTarget): CopyPlace {
  const named = { folder: posix.dirname(clean(target.path)), name: posix.basename(clean(target.path)) }
  switch (target.kind) {
    case 'folder':
      return { folder: target.path, name: isContent(source.path) ? '' : posix.basename(clean(source.path)) }
    case 'file':
      if (source.isFolder)
        throw refused(`"${source.path}" is a folder, and "${target.path}" is none`, 'name a folder')
      return named
    case 'nothing':
      if (!source.isFolder && meansFolder(target.path))
        throw refused(`there is no folder "${target.path}"`, 'make it first, or leave the slash away')
      return named
  }
}

/** Whether a path can only be a folder's: `folder/`, `folder/.`, `.` and `..`. */
export function meansFolder(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path)
}

/** Whether a path stands for what is in a folder: `folder/.`, `.` and `/`. */
function isContent(path: string): boolean {
  return /(?:^|\/)\.$|^\/+$/.test(path)
}

function clean(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/+$/, '')
}

function refused(summary: string, hint: string): Error {
  return failure({ code: 'COPY_PLACE', kind: 'invalidArgument', summary, hint })
}
