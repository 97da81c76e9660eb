"""In-app notifications for subjects and departments [5.1.6]."""
