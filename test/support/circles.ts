/** Tarjan's strongly connected components, of those that hold a circle. */

interface Visit {
  /** In the order of arrival. */
  readonly number: number;
  /** The earliest arrival that can be reached and whose component is not complete. */
  lowest: number;
  open: boolean;
}

/** Each group of nodes that reach each other, and each node that points at itself; nothing for a graph without circles. */
export function circles(arrows: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const visits = new Map<string, Visit>();
  const path: string[] = [];
  const visit = (node: string): Visit => {
    const own: Visit = { number: visits.size, lowest: visits.size, open: true };
    visits.set(node, own);
    path.push(node);
    const targets = arrows.get(node) ?? [];
    for (const target of targets) {
      const known = visits.get(target);
      if (known?.open) own.lowest = Math.min(own.lowest, known.number);
      else if (!known) own.lowest = Math.min(own.lowest, visit(target).lowest);
    }
    if (own.lowest === own.number) {
      const component = path.splice(path.indexOf(node));
      for (const member of component) (visits.get(member) ?? own).open = false;
      if (component.length > 1 || targets.includes(node)) found.push(component);
    }
    return own;
  };
  for (const node of arrows.keys()) if (!visits.has(node)) visit(node);
  return found;
}
