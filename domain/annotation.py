def annotations_of(*a, **k):
    return []
