/** A security context of SELinux, `user:role:type[:level]`. */
export interface SecurityContext {
  readonly user: string
  readonly role: string
  readonly type: string
  /** Sensitivity and categories, `s0:c1,c5` or a range of them; absent where the policy has no levels. */
  readonly level?: string
}

/** The parts of a context; undefined for what is none, as the label `kernel` of a machine without a policy. */
export function parseContext(text: string): SecurityContext | undefined {
  const [user = '', role = '', type = '', ...rest] = text.replace(/[\0\n]+$/, '').split(':')
  const level = rest.join(':')
  if (user === '' || role === '' || type === '') return undefined
  return { user, role, type, ...(level === '' ? {} : { level }) }
}

/** As the kernel writes it. */
export function renderContext({ user, role, type, level }: SecurityContext): string {
  return [user, role, type, ...(level === undefined ? [] : [level])].join(':')
}
