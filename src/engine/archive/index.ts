import type { Readable } from 'node:stream'
import type { ArchiveDownload, ArchiveUploadOptions, PathStat } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { Container } from '../containers/container.ts'
import type { EngineContext } from '../context.ts'

export async function statPath(
  _engine: EngineContext,
  container: Container,
  path: string,
): Promise<PathStat> {
  throw notYet(container, path)
}
export async function getArchive(
  _engine: EngineContext,
  container: Container,
  path: string,
  _signal: AbortSignal,
): Promise<ArchiveDownload> {
  throw notYet(container, path)
}
export async function putArchive(
  _engine: EngineContext,
  container: Container,
  options: ArchiveUploadOptions,
  _tar: Readable,
): Promise<void> {
  throw notYet(container, options.path)
}
export async function exportRoot(
  _engine: EngineContext,
  container: Container,
  _signal: AbortSignal,
): Promise<Readable> {
  throw notYet(container, '/')
}
function notYet(container: Container, path: string): Error {
  return failure({
    code: 'ARCHIVE_NOT_YET',
    kind: 'notImplemented',
    summary: `copy "${path}" of ${container.name}`,
  })
}
