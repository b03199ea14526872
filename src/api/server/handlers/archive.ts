import type { ContainerBackend } from '../../backend/containers.ts'
import { required } from '../decode/values.ts'
import type { Handlers } from '../handler.ts'

/** Files of a container, as tars. */
export function archiveHandlers(
  backend: ContainerBackend,
): Handlers<'archiveStat' | 'archiveGet' | 'archivePut' | 'containerExport'> {
  return {
    archiveStat: async ({ params, query }) => backend.statPath(params.id, required('path', query.path)),
    archiveGet: async ({ params, query, signal }) =>
      backend.getArchive(params.id, required('path', query.path), signal),
    archivePut: async ({ params, query, tar }) => {
      const { noOverwriteDirNonDir, copyUIDGID, injected, overMounts } = query
      const path = required('path', query.path)
      const own = {
        ...(injected !== undefined && { injected }),
        ...(overMounts.length > 0 && { overMounts }),
      }
      const options = { path, noOverwriteDirNonDir, copyUIDGID, ...own }
      await backend.putArchive(params.id, options, tar)
      return undefined
    },
    containerExport: async ({ params, signal }) => ({ tar: await backend.export(params.id, signal) }),
  }
}
