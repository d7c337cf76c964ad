// Places the boxes and arrows of a graph: {nodes: [{id, width, height}], edges:
// [{from, to, width, height}]} to the same with places, all as JSON.
(function (text) {
  var asked = JSON.parse(text);
  var graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 70, edgesep: 10, marginx: 8, marginy: 8 });
  asked.nodes.forEach(function (node) { graph.setNode(node.id, { width: node.width, height: node.height }); });
  asked.edges.forEach(function (edge, i) {
    graph.setEdge(edge.from, edge.to, { width: edge.width, height: edge.height, labelpos: "c" }, String(i));
  });
  dagre.layout(graph);
  var whole = graph.graph();
  return JSON.stringify({
    width: whole.width, height: whole.height,
    nodes: asked.nodes.map(function (node) { var at = graph.node(node.id); return { x: at.x, y: at.y }; }),
    edges: asked.edges.map(function (edge, i) {
      var at = graph.edge(edge.from, edge.to, String(i));
      return { x: at.x || 0, y: at.y || 0, points: at.points };
    })
  });
})
