/** What every object of a stack has, by which `docker stack` finds it. */
export const STACK_LABEL = 'com.docker.stack.namespace'

/** The image as the file names it: the service's own has a digest. */
export const IMAGE_LABEL = 'com.docker.stack.image'

type Texts = Readonly<Record<string, string>>

/** `shop_web`: a name of a stack, as `docker stack` makes it. */
export function scopedName(stack: string, name: string): string {
  return `${stack}_${name}`
}

/** Labels of the file with that of the stack. */
export function stackLabels(stack: string, labels: Texts = {}): Texts {
  return { ...labels, [STACK_LABEL]: stack }
}

/** Bounds of a manager: names of services, and of networks, are parts of host names as well. */
const HOST_NAME = { form: /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/, longest: 63 }
const FILE_NAME = { form: /^[a-zA-Z0-9]+(?:[a-zA-Z0-9\-_.]*[a-zA-Z0-9])?$/, longest: 64 }

/** Why a manager would refuse the name; undefined for one that it takes. */
export function nameProblem(
  kind: 'service' | 'network' | 'config' | 'secret',
  name: string,
): string | undefined {
  const { form, longest } = kind === 'config' || kind === 'secret' ? FILE_NAME : HOST_NAME
  if (name.length > longest)
    return `the name "${name}" has ${name.length} characters, a swarm takes ${longest}`
  return form.test(name) ? undefined : `a swarm takes no ${kind} of the name "${name}"`
}
