import { Failure } from '../diagnostics/index.ts'
import { type Finding, fine, type Verdict, warning } from '../doctor/finding.ts'
import { dockerCredentials } from '../oci/credentials.ts'
import { parseReference, type Reference } from '../oci/reference.ts'
import { loadModel } from './model.ts'
import { pullQuestion } from './pull-answers.ts'
import { type Environment, environmentOf, type Target } from './target.ts'

/** Longest that registries are waited for, all together, in milliseconds. */
const WITHIN = 5000

/**
 * What the registries say that the project's files take images from, a finding each; none where there are no files, or none
 * that can be read: other commands tell that.
 */
export async function examineImageSources(target: Target): Promise<readonly Finding[]> {
  const env = environmentOf(target)
  const images = [...new Set(await imagesOf(target))].flatMap(image => referenceOf(image) ?? [])
  if (images.length === 0) return []
  const done = new AbortController()
  const timer = setTimeout(() => done.abort(), WITHIN)
  const ask = pullQuestion(env)
  try {
    const domains = [...new Set(images.map(({ domain }) => domain))].sort()
    return await Promise.all(
      domains.map(async (domain): Promise<Finding> => {
        const own = images.filter(each => each.domain === domain)
        const verdicts = await Promise.all(
          own.map(each => verdictOf(each, ask(each, done.signal), done.signal)),
        )
        const worst =
          verdicts.find(({ status }) => status !== 'ok') ??
          fine(`has ${own.length === 1 ? 'the image' : `all ${own.length} images`} of the project`)
        return {
          area: 'Registries',
          name: domain,
          ...worst,
          found: `${worst.found}, ${await asWhom(domain, env)}`,
        }
      }),
    )
  } finally {
    clearTimeout(timer)
    done.abort()
  }
}

/** Images that no build of the project makes. */
async function imagesOf(target: Target): Promise<readonly string[]> {
  const isBuilt = (service: { readonly build?: unknown }): boolean => service.build !== undefined
  try {
    const { project } = await loadModel(target)
    const services = Object.values(project?.model.services ?? {})
    return services.flatMap(service => (isBuilt(service) ? [] : (service.image ?? [])))
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

function referenceOf(image: string): Reference | undefined {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

async function verdictOf(
  { domain, path, tag, digest }: Reference,
  answer: Promise<unknown>,
  signal: AbortSignal,
): Promise<Verdict> {
  const image = `${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
  try {
    await answer
    return fine('')
  } catch (error) {
    const code = error instanceof Failure ? error.code : ''
    if (code === 'REGISTRY_NOT_FOUND')
      return warning(
        `does not have ${image}`,
        'its service cannot start unless the image is here already: look at the name',
      )
    if (code === 'REGISTRY_UNAUTHORIZED')
      return warning(
        `denies access to ${image}`,
        `its service cannot start unless the image is here already: tscompose login ${domain}, if you may have it`,
      )
    if (error instanceof Failure || signal.aborted)
      return warning(
        `is not reached: ${error instanceof Failure ? error.message : 'no answer'}`,
        'images that are not here already are not had: look at name servers, proxies (HTTPS_PROXY) and firewalls',
      )
    throw error
  }
}

async function asWhom(domain: string, env: Environment): Promise<string> {
  try {
    const credentials = await dockerCredentials(domain, env)
    if (credentials === undefined) return 'asked without credentials'
    return credentials.username === '' ? 'asked with a token' : `asked as ${credentials.username}`
  } catch (error) {
    if (error instanceof Failure) return `asked without credentials: ${error.message}`
    throw error
  }
}
