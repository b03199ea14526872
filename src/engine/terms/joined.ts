const PREFIX = 'container:'

/** The name or id in a mode `container:<name or id>`, of a network, pid or ipc namespace; undefined for other modes. */
export function joinedContainer(mode: string | undefined): string | undefined {
  return mode?.startsWith(PREFIX) ? mode.slice(PREFIX.length) : undefined
}

/** The mode that joins the container of that name or id. */
export function joining(reference: string): string {
  return `${PREFIX}${reference}`
}
