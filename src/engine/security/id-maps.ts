/** Whether a map of /proc/<pid>/uid_map or gid_map (user_namespaces(7)) has all of these ids inside. */
export function hasIds(map: string, first: number, count: number): boolean {
  return map.split('\n').some(line => {
    const [inside = 0, , size = 0] = line.trim().split(/\s+/).map(Number)
    return inside <= first && first + count <= inside + size
  })
}

/** The id outside that is 0 inside, by such a map; undefined where there is none. */
export function outsideOfRoot(map: string): number | undefined {
  for (const line of map.split('\n')) {
    const [inside, outside] = line.trim().split(/\s+/).map(Number)
    if (inside === 0 && outside !== undefined) return outside
  }
  return undefined
}
