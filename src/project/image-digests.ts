import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import { canonicalReference, parseReference, type Reference } from '../oci/reference.ts'

/** Asks a registry for the digest that a reference stands for now; raises a Failure. */
export type DigestResolver = (reference: Reference) => Promise<string>

/** Images by service with their digests, and what kept others from having one. */
export interface PinnedImages {
  readonly images: ReadonlyMap<string, string>
  readonly diagnostics: readonly Diagnostic[]
}

interface HasImage {
  readonly image?: unknown
}

/**
 * Pins the image of each service that names one, by asking its registry; a name with a digest stays, without its tag,
 * as Docker Compose prints it. Each name is asked for once, and all that fail are told with their places.
 */
export async function pinImages(
  services: Readonly<Record<string, HasImage>>,
  project: Project,
  resolve: DigestResolver,
): Promise<PinnedImages> {
  const asked = new Map<string, Promise<string>>()
  const pin = async (name: string, image: string): Promise<Diagnostic[]> => {
    const pinned = asked.get(image) ?? pinOne(image, resolve)
    asked.set(image, pinned)
    try {
      images.set(name, await pinned)
      return []
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return error.diagnostics.map(diagnostic => located(diagnostic, name, project))
    }
  }
  const images = new Map<string, string>()
  const problems = await Promise.all(
    Object.entries(services).map(([name, { image }]) =>
      typeof image === 'string' && image !== '' ? pin(name, image) : [],
    ),
  )
  return { images, diagnostics: problems.flat() }
}

/** Services with other images. */
export function withImages<T extends object>(
  services: Readonly<Record<string, T>>,
  images: ReadonlyMap<string, string>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const image = images.get(name)
      return [name, image === undefined ? service : { ...service, image }] as const
    }),
  )
}

/** An override file that holds nothing but the images. */
export function lockedServices(
  services: Readonly<Record<string, unknown>>,
  images: ReadonlyMap<string, string>,
): Record<string, { readonly image?: string }> {
  return Object.fromEntries(
    Object.keys(services).map(name => {
      const image = images.get(name)
      return [name, image === undefined ? {} : { image }] as const
    }),
  )
}

async function pinOne(image: string, resolve: DigestResolver): Promise<string> {
  const reference = parseReference(image)
  const { domain, path, digest } = reference
  if (digest !== undefined) return canonicalReference({ domain, path, digest })
  return canonicalReference({ ...reference, digest: await resolve(reference) })
}

function located(diagnostic: Diagnostic, service: string, project: Project): Diagnostic {
  const origin = project.origins.of(['services', service, 'image'])
  const path = `services.${service}.image`
  return { ...diagnostic, path, ...(origin === undefined ? {} : { range: origin.range }) }
}
