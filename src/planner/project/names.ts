import type { Project, Service } from '../../model/index.ts'

/** Name of a replica: `lamp-web-1`, or `container_name` where the service has one. */
export function containerName(
  project: string,
  serviceName: string,
  service: Service,
  number: number,
): string {
  return service.container_name ?? `${project}-${serviceName}-${number}`
}

/** Name of a one-off container; `slug` is its random identity in hex, of which 12 digits are shown. */
export function oneOffName(project: string, serviceName: string, slug: string): string {
  return `${project}-${serviceName}-run-${slug.slice(0, 12)}`
}

/** Name of the container of a `pre_start` step; `index` from 0. */
export function initName(project: string, serviceName: string, index: number): string {
  return `${project}-${serviceName}-pre-start-${index + 1}`
}

/** Name that a container is created with when it replaces one: the new one exists before the old one goes. */
export function replacementName(oldId: string, name: string): string {
  return `${oldId.slice(0, 12)}_${name}`
}

/** Whether a container has the name of one that was to replace another, `<12 hex>_<name>`. */
export function isTemporaryName(text: string, name: string): boolean {
  return /^[0-9a-f]{12}_/.test(text) && replacementName(text, name) === text
}

/** The name that a service's containers use for their image. */
export function imageReference(project: string, serviceName: string, service: Service): string {
  return service.image ?? `${project}-${serviceName}`
}

/** Equal for names of one image: the parts that may be left out (`docker.io/library/`, `:latest`) are left out. */
export function imageKey(reference: string): string {
  const name = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return name.includes('@') ? name : name.replace(/:latest$/, '')
}

/** Every image that the project's services, `image` mounts and `pre_start` steps use: what `observe` has to look up. */
export function imageReferences(project: Project): string[] {
  const references = new Set<string>()
  for (const [name, service] of Object.entries(project.model.services)) {
    if (service.provider !== undefined) continue
    references.add(imageReference(project.name, name, service))
    for (const mount of service.volumes ?? [])
      if (mount.type === 'image' && mount.source !== undefined)
        references.add(imageMountReference(project, mount.source))
    for (const hook of service.pre_start ?? []) if (hook.image !== undefined) references.add(hook.image)
  }
  return [...references].sort()
}

/** Source of an `image` mount: the name of a service stands for its image. */
export function imageMountReference(project: Project, source: string): string {
  const service = project.model.services[source]
  return service === undefined ? source : imageReference(project.name, source, service)
}

/** Engines name the volumes that nobody named with 64 hex digits. */
export function isAnonymousVolume(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}
