import type { FileSystem } from '../contract.ts'

/** What to do about a path that has no text to read: there is nothing, or a folder. */
export function adviceOnAbsent(path: string, fileSystem: Pick<FileSystem, 'exists'>): string {
  return fileSystem.exists(path)
    ? `name a file: ${path} is a folder`
    : `create the file ${path}: it is not there`
}
