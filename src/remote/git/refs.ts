/**
 * The commit that a ref means in the output of `git ls-remote`, whose patterns also fit longer names: the ref itself, else
 * a branch, else a tag (what an annotated one points to), else whatever ends with it.
 */
export function selectCommit(listing: string, ref: string): string | undefined {
  const commits = new Map<string, string>()
  for (const line of listing.split('\n')) {
    const [id = '', name] = line.split('\t')
    if (name !== undefined) commits.set(name, id)
  }
  const names = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`]
  const name =
    names.find(candidate => commits.has(candidate)) ??
    [...commits.keys()].find(candidate => candidate.endsWith(`/${ref}`))
  return name === undefined ? undefined : (commits.get(`${name}^{}`) ?? commits.get(name))
}
