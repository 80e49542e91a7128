"""Permissions that seats/ owns."""

PERMISSIONS: dict[str, str] = {
    "seats.pool.view": "See pools of seats, their capacity and how much of it is used.",
    "seats.pool.manage": "Create pools, feed them with rights and set their capacity.",
    "seats.assignment.view": "See who holds which seats.",
    "seats.assignment.manage": "Assign and release seats of every product.",
    "seats.assignment.manage_own": "Assign and release seats of products that one answers for.",
}
