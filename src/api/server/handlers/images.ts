import type { ImageArchiveBackend } from '../../backend/image-archives.ts'
import type { ImageBackend } from '../../backend/images.ts'
import type { ImagePullOptions } from '../../types/index.ts'
import { takeShape } from '../decode/shape.ts'
import { AUTH } from '../decode/shapes.ts'
import { decodeAuth, required } from '../decode/values.ts'
import type { ApiRequest, Handlers } from '../handler.ts'
import { importBy } from './image-archives.ts'

type ImageRoute =
  | 'imageList'
  | 'imagePull'
  | 'imageSearch'
  | 'distributionInspect'
  | 'auth'
  | 'imagePrune'
  | 'imageInspect'
  | 'imageHistory'
  | 'imageStat'
  | 'imageKnows'
  | 'imagePush'
  | 'imageTag'
  | 'imageRemove'

/** What a search finds where nobody says how much. */
const DEFAULT_FOUND = 25

/** Images and the registries that they come from. */
export function imageHandlers(backend: ImageBackend, archives: ImageArchiveBackend): Handlers<ImageRoute> {
  return {
    imageList: ({ query }) =>
      backend.list({
        all: query.all,
        filters: query.filters,
        digests: query.digests,
        sharedSize: query['shared-size'],
        manifests: query.manifests,
      }),
    imageSearch: async ({ query, headers }) => {
      const auth = decodeAuth(headers['x-registry-auth'])
      return backend.search({
        term: required('term', query.term),
        limit: query.limit || DEFAULT_FOUND,
        filters: query.filters,
        ...(auth === undefined ? {} : { auth }),
      })
    },
    distributionInspect: async ({ params, headers, signal }) =>
      backend.distribution(params.name, decodeAuth(headers['x-registry-auth']), signal),
    auth: async ({ body, signal }) => backend.logIn(takeShape(AUTH, body).body, signal),
    imagePull: async request => {
      const { fromSrc } = request.query
      if (fromSrc !== undefined) return importBy(archives, request, fromSrc)
      return backend.pull(pullOptions(request), request.signal)
    },
    imagePrune: ({ query }) => backend.prune(query.filters),
    imageInspect: ({ params, query }) => backend.inspect(params.name, query.platform, query.manifests),
    imageHistory: ({ params, query }) => backend.history(params.name, query.platform),
    imageStat: ({ params, query }) => backend.statPaths(params.name, query.path ?? []),
    imageKnows: async ({ params, query }) => {
      await backend.checkUser(params.name, query.user ?? '', query.group ?? [])
      return undefined
    },
    imagePush: async ({ params, query, headers, signal }) => {
      const { tag, platform } = query
      const auth = decodeAuth(headers['x-registry-auth'])
      return backend.push(
        params.name,
        {
          ...(tag === undefined ? {} : { tag }),
          ...(platform === undefined ? {} : { platform }),
          ...(auth === undefined ? {} : { auth }),
        },
        signal,
      )
    },
    imageTag: async ({ params, query }) => {
      await backend.tag(params.name, required('repo', query.repo), query.tag ?? 'latest')
      return undefined
    },
    imageRemove: ({ params, query }) =>
      backend.remove(params.name, {
        force: query.force,
        noprune: query.noprune,
        platforms: query.platforms,
      }),
  }
}

function pullOptions({ query, headers }: ApiRequest<'imagePull'>): ImagePullOptions {
  const name = required('fromImage', query.fromImage)
  const { tag, platform } = query
  // A digest travels as the tag.
  const reference = tag === undefined ? name : `${name}${tag.includes(':') ? '@' : ':'}${tag}`
  const auth = decodeAuth(headers['x-registry-auth'])
  return {
    reference,
    ...(platform === undefined ? {} : { platform }),
    ...(auth === undefined ? {} : { auth }),
  }
}
