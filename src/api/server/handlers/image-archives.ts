import type { ImageArchiveBackend } from '../../backend/image-archives.ts'
import type { ImageImportOptions, ProgressMessage } from '../../types/index.ts'
import { lastWords } from '../answer/lines.ts'
import { takeShape } from '../decode/shape.ts'
import { CONTAINER_CREATE } from '../decode/shapes.ts'
import { required } from '../decode/values.ts'
import type { ApiRequest, Handlers } from '../handler.ts'

/** Images to and from tars, and from containers. */
export function imageArchiveHandlers(
  backend: ImageArchiveBackend,
): Handlers<'imageLoad' | 'imagesSave' | 'imageSave' | 'containerCommit'> {
  return {
    imageLoad: async ({ tar, query, signal }) =>
      toldInside(() => backend.load(tar, { quiet: query.quiet, platforms: query.platform }, signal), signal),
    imagesSave: ({ query, signal }) => backend.save(query.names, query.platform, signal),
    imageSave: ({ params, query, signal }) => backend.save([params.name], query.platform, signal),
    containerCommit: ({ query, body, signal }) =>
      backend.commit(
        {
          container: required('container', query.container),
          ...(query.repo === undefined ? {} : { repository: query.repo }),
          ...(query.tag === undefined ? {} : { tag: query.tag }),
          comment: query.comment ?? '',
          author: query.author ?? '',
          pause: query.pause,
          changes: query.changes,
          config: takeShape(CONTAINER_CREATE, body).body,
        },
        signal,
      ),
  }
}

/** `POST /images/create` with `fromSrc`. */
export function importBy(
  backend: ImageArchiveBackend,
  { query, tar, signal }: ApiRequest<'imagePull'>,
  source: string,
): Promise<AsyncIterable<ProgressMessage>> {
  const options: ImageImportOptions = {
    source,
    ...(query.repo === undefined ? {} : { repository: query.repo }),
    ...(query.tag === undefined ? {} : { tag: query.tag }),
    message: query.message ?? '',
    changes: query.changes,
    ...(query.platform === undefined ? {} : { platform: query.platform }),
  }
  return backend.import(tar, options, signal)
}

/** Docker begins to answer a load before it looks at the archive: what is wrong with that is told as the last message. */
async function* toldInside(
  load: () => AsyncIterable<ProgressMessage> | Promise<AsyncIterable<ProgressMessage>>,
  signal: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  try {
    yield* await load()
  } catch (error) {
    if (signal.aborted) throw error
    yield lastWords(error)
  }
}
