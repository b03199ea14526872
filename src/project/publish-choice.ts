import { failure } from '../diagnostics/index.ts'
import { hasOwnNetwork, type Port, type Project, type Service } from '../model/index.ts'

const CHOICES = ['all', 'proxy', 'loopback'] as const
type Choice = (typeof CHOICES)[number]

/** The machine's setting, for projects that say nothing. */
const VARIABLE = 'TSCOMPOSE_PUBLISH'

/**
 * The project with its ports as it is said that they are published: by the service's `x-tscompose: {publish: …}`, else the project's,
 * else TSCOMPOSE_PUBLISH. A port that names an address keeps it. Failure PUBLISH_INVALID.
 */
export function publishedAsChosen(
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Project {
  const { model } = project
  const common = model['x-tscompose']?.publish ?? machineChoice(env[VARIABLE])
  if (common === undefined && Object.values(model.services).every(service => choiceOf(service) === undefined))
    return project
  const services = Object.entries(model.services).map(
    ([name, service]) => [name, publishedBy(service, choiceOf(service) ?? common)] as const,
  )
  return { ...project, model: { ...model, services: Object.fromEntries(services) } }
}

/** Ports at an address of the host; one that names its own stays the very same. */
export function portsAt(address: string, ports: readonly Port[]): readonly Port[] {
  return ports.map(port => (port.host_ip === undefined ? { ...port, host_ip: address } : port))
}

const choiceOf = (service: Service): Choice | undefined => service['x-tscompose']?.publish

function machineChoice(text: string | undefined): Choice | undefined {
  if (text === undefined || text === '') return undefined
  const choice = CHOICES.find(each => each === text)
  if (choice !== undefined) return choice
  throw failure({
    code: 'PUBLISH_INVALID',
    kind: 'invalidArgument',
    summary: `${VARIABLE} is "${text}": want ${CHOICES.join(', ')}`,
  })
}

function publishedBy(service: Service, choice: Choice | undefined): Service {
  const { ports = [] } = service
  if (ports.length === 0 || !hasOwnNetwork(service) || choice === undefined || choice === 'all')
    return service
  if (choice === 'proxy')
    return { ...service, 'x-tscompose': { ...service['x-tscompose'], publish: 'proxy' } }
  return { ...service, ports: portsAt('127.0.0.1', ports) }
}
